import { Page } from "../../ui/Page";
import { Empty } from "../../ui/QueryView";

export default function Order() {
  return (
    <Page title="Order">
      <Empty title="This screen is being built." />
    </Page>
  );
}
