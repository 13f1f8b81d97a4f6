import { Page } from "../../ui/Page";
import { Empty } from "../../ui/QueryView";

export default function Planning() {
  return (
    <Page title="Order planning">
      <Empty title="This screen is being built." />
    </Page>
  );
}
