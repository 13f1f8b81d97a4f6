import type { CampaignView } from "stockcast-client";
import { campaign, campaignsChanged, planCampaign, saveCampaign } from "../../api/campaigns";
import { queries, type Versioned } from "../../api/client";
import { useFormats } from "../../format/useFormats";
import { Dialog } from "../../ui/Dialog";
import { useEditing } from "../../ui/editing";
import { SelectField, TextAreaField, TextField } from "../../ui/Field";
import { SaveBar } from "../../ui/SaveBar";
import { toast } from "../../ui/toasts";
import { href, navigate } from "../../url/location";
import { at } from "../../url/routes";
import { STATUSES } from "./CampaignStatus";
import { type CampaignForm, campaignBody, campaignForm, daysOf, NAMES } from "./campaignForm";

interface Props {
  /** The one that is edited; a new one without it. */
  edited?: Versioned<CampaignView>;
  onClose: () => void;
}

/** What a campaign is; which products it has is chosen on its own screen, to which a new one leads. */
export function CampaignDialog({ edited, onClose }: Props) {
  const { currency, count } = useFormats();
  const id = edited?.value.campaign_id;
  const form = useEditing({
    start: { value: campaignForm(edited?.value), etag: edited?.etag ?? null },
    reread: id
      ? async () => {
          const { value, etag } = await queries.fetchQuery({ ...campaign(id), staleTime: 0 });
          return { value: campaignForm(value), etag };
        }
      : undefined,
    write: (values: CampaignForm, _, headers) =>
      id
        ? saveCampaign(id, campaignBody(values), { "If-Match": headers["If-Match"] })
        : planCampaign(campaignBody(values), { "Idempotency-Key": headers["Idempotency-Key"] }),
    onSaved: (saved) => {
      campaignsChanged();
      toast(id ? `${saved.name} is saved.` : `${saved.name} is planned. Now choose its products.`);
      if (!id) navigate(href(at("/campaigns", saved.campaign_id), { edit: "products" }));
      onClose();
    },
  });
  const field = (name: keyof CampaignForm) => ({
    label: NAMES[name],
    value: form.values[name],
    error: form.errors[name],
    onChange: ({ target }: { target: { value: string } }) => form.set({ [name]: target.value }),
  });
  const { start_date, end_date } = form.values;
  const days = daysOf(start_date, end_date);

  return (
    <Dialog title={id ? `Edit ${edited?.value.name}` : "Plan a campaign"} open onClose={onClose}>
      <form className="form" onSubmit={form.submit}>
        <TextField {...field("name")} required maxLength={200} />
        <div className="grid pair">
          <TextField {...field("start_date")} type="date" required />
          <TextField
            {...field("end_date")}
            type="date"
            required
            min={start_date || undefined}
            hint={days ? `${count(days)} ${days === 1 ? "day" : "days"}, both included` : "Included."}
          />
          <TextField {...field("campaign_type")} maxLength={100} hint="In your own words: discount, season." />
          <TextField
            {...field("budget")}
            type="number"
            min={0}
            max={1e9}
            step={0.01}
            hint={`What it costs${currency ? `, in ${currency}` : ""}. What it earns is held against it.`}
          />
        </div>
        <TextAreaField {...field("description")} maxLength={500} />
        {id && (
          <SelectField
            {...field("status")}
            hint="One that you choose holds until the dates bring the next; ended for good."
          >
            <option value="">As its dates say</option>
            {Object.entries(STATUSES).map(([status, [name]]) => (
              <option key={status} value={status}>
                {name}
              </option>
            ))}
          </SelectField>
        )}
        <SaveBar
          form={form}
          action={id ? "Save" : "Plan"}
          names={NAMES}
          shown={Object.keys(NAMES)}
          onCancel={onClose}
        />
      </form>
    </Dialog>
  );
}
