import "./data.css";
import { Page } from "../../ui/Page";
import { Tabs } from "../../ui/Tabs";
import { useSearch } from "../../url/location";
import { Runs } from "./runs/Runs";
import { Sources } from "./sources/Sources";
import { Upload } from "./upload/Upload";
import { Validation } from "./validation/Validation";

const TABS = [
  { id: "upload", label: "Upload", part: Upload },
  { id: "sources", label: "Sources", part: Sources },
  { id: "runs", label: "Runs", part: Runs },
  { id: "validation", label: "Validation", part: Validation },
] as const;

/** Where the client's data come from: files, databases, what was read of them, and what is odd about them. */
export default function Data() {
  const [search] = useSearch();
  const { id, part: Part } = TABS.find((tab) => tab.id === search.get("tab")) ?? TABS[0];
  return (
    <Page title="Data">
      <Tabs name="Parts of Data" to="/data" tabs={TABS} open={id} />
      <Part />
    </Page>
  );
}
