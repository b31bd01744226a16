"""The data plane: model calls judged, measured and accounted for. It imports `contracts` alone, and no database."""
