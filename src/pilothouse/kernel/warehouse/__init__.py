"""What happened, in volume: Parquet files, written here and asked through Ibis alone. No Django in here.

`tables` says what is kept, `writer` appends, `spool` brings in what gateways wrote, `keeping` compacts, forgets and
erases, `asking` answers.
"""
