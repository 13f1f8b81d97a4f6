import { Page } from "../../ui/Page";
import { Empty } from "../../ui/QueryView";

export default function ForecastQuality() {
  return (
    <Page title="Forecast quality">
      <Empty title="This screen is being built." />
    </Page>
  );
}
