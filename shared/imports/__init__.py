"""Imports of every kind: records are read, mapped to our fields, checked and written, with a report on each.

readers/           a file, or any other source, as batches of text by column
decoding           a file of Excel or Parquet in a process of its own, the decoder, within limits
column_mapping     which column each field is read from
record_stream      batches of typed records, checked as far as a record can be checked by itself
intake, spill      a whole file on disk, for the checks that compare records
import_run         an attempt of an import that a task works on (functions/etl)
import_report      what became of each row of a file that is imported while the caller waits (functions/suppliers)
kinds/             what is imported: the fields, checks and writer of each kind
"""
