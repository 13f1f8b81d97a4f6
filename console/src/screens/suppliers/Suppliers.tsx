import { Page } from "../../ui/Page";
import { Empty } from "../../ui/QueryView";

export default function Suppliers() {
  return (
    <Page title="Suppliers">
      <Empty title="This screen is being built." />
    </Page>
  );
}
