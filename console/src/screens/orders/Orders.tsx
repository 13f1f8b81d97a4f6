import { Page } from "../../ui/Page";
import { Empty } from "../../ui/QueryView";

export default function Orders() {
  return (
    <Page title="Orders">
      <Empty title="This screen is being built." />
    </Page>
  );
}
