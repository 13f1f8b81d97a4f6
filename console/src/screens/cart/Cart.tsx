import { Page } from "../../ui/Page";
import { Empty } from "../../ui/QueryView";

export default function Cart() {
  return (
    <Page title="Cart">
      <Empty title="This screen is being built." />
    </Page>
  );
}
