import { useMutation } from "@tanstack/react-query";
import { type ExportQuery, exported } from "../../api/products";
import { useFormats } from "../../format/useFormats";
import { Button } from "../../ui/Button";
import { Popover } from "../../ui/Popover";
import { saveFile } from "../../ui/saveFile";
import { toast, toastError } from "../../ui/toasts";

const FORMATS = [
  ["csv", "CSV"],
  ["excel", "Excel"],
  ["parquet", "Parquet"],
] as const;

interface Props {
  /** The list's filters and order, and the fields of its columns. */
  query: ExportQuery;
  total: number | undefined;
}

/** The list as a file: all of its pages, in its order, with its columns. */
export function ExportChoice({ query, total }: Props) {
  const { count } = useFormats();
  const save = useMutation({
    mutationFn: (format: "csv" | "excel" | "parquet") => exported({ ...query, format }),
    onSuccess: ({ data, response }) => {
      saveFile(data as Blob, response, "products");
      toast("The file is in your downloads.");
    },
    onError: toastError,
  });
  return (
    <Popover className="button" label="Export">
      <div className="form">
        <p>{total === undefined ? "All products" : `All ${count(total)} products`} of this list, with its columns.</p>
        <div className="row">
          {FORMATS.map(([format, label]) => (
            <Button
              key={format}
              busy={save.isPending && save.variables === format}
              disabled={save.isPending}
              onClick={() => save.mutate(format)}
            >
              {label}
            </Button>
          ))}
        </div>
      </div>
    </Popover>
  );
}
