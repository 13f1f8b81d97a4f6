import { Page } from "../../ui/Page";
import { Empty } from "../../ui/QueryView";

export default function Locations() {
  return (
    <Page title="Locations">
      <Empty title="This screen is being built." />
    </Page>
  );
}
