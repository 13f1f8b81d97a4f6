/** Hand a file of the API to the browser's downloads, under the name that the API gave it. */
export function saveFile(file: Blob, response: Response, otherwise: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = fileName(response.headers.get("Content-Disposition")) ?? otherwise;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** `attachment; filename="products.csv"`. */
export const fileName = (disposition: string | null): string | undefined =>
  /filename="([^"]+)"/.exec(disposition ?? "")?.[1];
