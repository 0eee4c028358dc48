"""Long tables written row by row into CSV, parquet and FITS files."""
