import { Page } from "../../ui/Page";
import { Empty } from "../../ui/QueryView";

export default function Product() {
  return (
    <Page title="Product">
      <Empty title="This screen is being built." />
    </Page>
  );
}
