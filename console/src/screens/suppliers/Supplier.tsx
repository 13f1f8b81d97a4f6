import { Page } from "../../ui/Page";
import { Empty } from "../../ui/QueryView";

export default function Supplier() {
  return (
    <Page title="Supplier">
      <Empty title="This screen is being built." />
    </Page>
  );
}
