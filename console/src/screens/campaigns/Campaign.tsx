import { Page } from "../../ui/Page";
import { Empty } from "../../ui/QueryView";

export default function Campaign() {
  return (
    <Page title="Campaign">
      <Empty title="This screen is being built." />
    </Page>
  );
}
