import type { CampaignWithTerms, ProductDetail } from "stockcast-client";
import { useFormats } from "../../format/useFormats";
import { Section } from "../../ui/Page";
import { Badge, type Tone } from "../../ui/Status";
import { Link } from "../../url/Link";
import { at } from "../../url/routes";

const STATUSES: Record<CampaignWithTerms["status"], [string, Tone]> = {
  planned: ["Planned", "info"],
  running: ["Running", "good"],
  ended: ["Ended", "quiet"],
};

/** The campaigns that it is in, and on which terms. */
export function CampaignsOfProduct({ product: { campaigns } }: { product: ProductDetail }) {
  const { date, percent } = useFormats();
  return (
    <Section title="Campaigns">
      {campaigns.length === 0 ? (
        <p className="soft">It is in no campaign.</p>
      ) : (
        <ul className="campaigns">
          {campaigns.map(({ campaign_id, name, status, start_date, end_date, discount, target_audience }) => (
            <li key={campaign_id}>
              <span>
                <Link to={at("/campaigns", campaign_id)}>{name}</Link>{" "}
                <Badge tone={STATUSES[status][1]}>{STATUSES[status][0]}</Badge>
              </span>
              <small className="soft">
                {[
                  `${date(start_date)} to ${date(end_date)}`,
                  discount !== null && `${percent(discount / 100)} off`,
                  target_audience && `for ${target_audience}`,
                ]
                  .filter(Boolean)
                  .join(", ")}
              </small>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
