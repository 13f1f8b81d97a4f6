import { Page } from "../../ui/Page";
import { Empty } from "../../ui/QueryView";

export default function Campaigns() {
  return (
    <Page title="Campaigns">
      <Empty title="This screen is being built." />
    </Page>
  );
}
