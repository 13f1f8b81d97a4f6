import { useFormats } from "../../../format/useFormats";
import { Button } from "../../../ui/Button";

interface Props {
  accepted: number;
  ready: boolean;
  /** What has to be done before. */
  why: string | null;
  busy: boolean;
  onImport: () => void;
}

export function ImportBar({ accepted, ready, why, busy, onImport }: Props) {
  const { count } = useFormats();
  return (
    <div className="import-bar">
      <Button kind="primary" disabled={!ready || accepted === 0} busy={busy} onClick={onImport}>
        Import {count(accepted)} {accepted === 1 ? "record" : "records"}
      </Button>
      <span className="soft" role="status">
        {why ?? (accepted === 0 ? "No record can be taken as the file is read now." : "Nothing has been changed yet.")}
      </span>
    </div>
  );
}
