"""An Excel workbook, read and written: the reader is of this project, the writer is XlsxWriter."""
