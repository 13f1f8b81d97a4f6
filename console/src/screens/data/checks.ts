/** Why a record was not taken, in a few words. */
const CHECKS: Record<string, string> = {
  app_managed: "Kept here, not in your system",
  conflict: "Rows contradict each other",
  date_range: "Day in the future, or too long ago",
  duplicate: "The same record twice",
  excluded: "Left out by the mapping",
  format: "Not a value of its field",
  formula: "An id that a spreadsheet would run",
  incomplete: "Another row of the same thing cannot be read",
  malformed: "The row does not fit the header",
  not_positive: "Not above 0",
  orphan: "Unknown product or location",
  precision: "Too many decimals to keep",
  range: "Too small or too large",
  required: "A required cell is empty",
  second_primary: "Two suppliers to buy from first",
  supplier_is_synced: "Supplier kept by your system",
  supplier_mismatch: "Two different suppliers named",
  total_row: "A row of totals",
  unknown_item: "Unknown product",
  unknown_supplier: "Unknown supplier",
  unmatched_return: "A return without its sale",
  unreadable_cell: "A cell that cannot be read",
};

export const checkName = (code: string): string => CHECKS[code] ?? code.replaceAll("_", " ");
