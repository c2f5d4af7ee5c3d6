"""Scores a Parquet table with Apache Spark, on one machine or on a cluster: see docs/scale.md.

spark-submit --py-files churn.zip examples/score_spark.py INPUT OUTPUT --model FILE [--threshold 0.5] [--explain 3]
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from pyspark.sql import Observation, SparkSession
from pyspark.sql.functions import count, lit

from churn.errors import ChurnError, CustomerError
from churn.spark import score_frame


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Score a Parquet table with Apache Spark.")
    parser.add_argument("input", help="the customers: a Parquet file or folder, any address that Spark reads")
    parser.add_argument("output", help="where the scored table goes; must not be there yet")
    parser.add_argument("--model", type=Path, required=True, metavar="FILE", help="model file, its card beside it")
    parser.add_argument("--threshold", type=float, metavar="P", help="probability of leaving; the card's unless given")
    parser.add_argument("--explain", type=int, default=0, metavar="N", help="add the N strongest reasons")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    options = parse(arguments)
    spark = SparkSession.builder.appName("churn").getOrCreate()
    customers = spark.read.parquet(options.input)
    try:
        scored = score_frame(customers, options.model, threshold=options.threshold, strongest=options.explain)
    except CustomerError as error:
        sys.exit("\n".join([f"{options.input}: {error}", *map(str, error.problems)]))
    except ChurnError as error:
        sys.exit(str(error))
    counted = Observation("counted")
    scored.observe(counted, count(lit(1)).alias("rows"), count("error").alias("refused")).write.parquet(options.output)
    print(f"{options.output}: {counted.get['rows']:,} rows, {counted.get['refused']:,} of them refused")


if __name__ == "__main__":
    main()
