import "./forecast-quality.css";
import { useQuery } from "@tanstack/react-query";
import { accuracy } from "../../api/forecasts";
import { useFormats } from "../../format/useFormats";
import { Page } from "../../ui/Page";
import { Empty, QueryView } from "../../ui/QueryView";
import { useSearch } from "../../url/location";
import { Breakdown } from "./Breakdown";
import { ForecastRuns } from "./ForecastRuns";
import { Headline } from "./Headline";

/** How good the forecasts were that orders were made by: frozen on their day, and compared with what was sold since. */
export default function ForecastQuality() {
  const { date } = useFormats();
  const [search] = useSearch();
  const fillRate = Number(search.get("fill_rate") ?? 0.9);
  const all = useQuery(accuracy({ fill_rate: fillRate }));
  const { data } = all;
  const note = data?.as_of ? `forecasts since ${date(data.from_date)}, sales up to ${date(data.as_of)}` : undefined;
  return (
    <Page title="Forecast quality" note={note}>
      <QueryView query={all} height="13rem">
        {(page) =>
          page.items[0] ? (
            <Headline row={page.items[0]} page={page} />
          ) : (
            <Empty title="No forecast has been compared with sales yet.">
              Forecasts are kept as they were made, and compared with what was sold once their days are over. The first
              figures are there a day after the first nightly forecast.
            </Empty>
          )
        }
      </QueryView>
      {data?.items.length !== 0 && <Breakdown />}
      <ForecastRuns />
    </Page>
  );
}
