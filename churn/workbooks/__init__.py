"""Excel workbooks: a reader written for this project, and a writer that uses XlsxWriter."""
