import { Page } from "../../ui/Page";
import { Empty } from "../../ui/QueryView";

export default function Data() {
  return (
    <Page title="Data">
      <Empty title="This screen is being built." />
    </Page>
  );
}
