import { Page } from "../../ui/Page";
import { Empty } from "../../ui/QueryView";

export default function Chat() {
  return (
    <Page title="Ask">
      <Empty title="This screen is being built." />
    </Page>
  );
}
