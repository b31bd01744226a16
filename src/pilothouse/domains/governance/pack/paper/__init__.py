"""A pack as a document for reading: what stands where, as plain data, and the PDF that is set from it."""
