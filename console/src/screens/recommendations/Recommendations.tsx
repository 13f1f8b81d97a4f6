import { Page } from "../../ui/Page";
import { Empty } from "../../ui/QueryView";

export default function Recommendations() {
  return (
    <Page title="Recommendations">
      <Empty title="This screen is being built." />
    </Page>
  );
}
