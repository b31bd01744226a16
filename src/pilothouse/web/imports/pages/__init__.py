"""The pages of imports: files, one file, its mapping, words for stages."""
