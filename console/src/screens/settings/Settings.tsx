import { Page } from "../../ui/Page";
import { Empty } from "../../ui/QueryView";

export default function Settings() {
  return (
    <Page title="Settings">
      <Empty title="This screen is being built." />
    </Page>
  );
}
