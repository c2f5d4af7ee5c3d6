"""Scores a Parquet table with Apache Spark, on one machine or on a cluster; docs/scale.md describes it.

spark-submit --py-files churn.zip examples/score_spark.py INPUT OUTPUT --model FILE [--threshold P] [--explain N]
    [--positive-class NAME]
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from pyspark.sql import Observation, SparkSession
from pyspark.sql.functions import count, lit

from churn.batch.spark import score_frame
from churn.errors import ChurnError, CustomerError


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Score a Parquet table with Apache Spark.")
    parser.add_argument("input", metavar="INPUT", help="the customers: Parquet at any path that Spark can read")
    parser.add_argument("output", metavar="OUTPUT", help="the path of the scored table, which must not exist")
    parser.add_argument("--model", type=Path, required=True, metavar="FILE", help="the model; its card is next to it")
    parser.add_argument("--threshold", type=float, metavar="P", help="the probability that counts as leaving")
    parser.add_argument("--explain", type=int, default=0, metavar="N", help="add the N strongest reasons")
    parser.add_argument("--positive-class", metavar="NAME", help="the class that leaves, if the model does not say")
    options = parser.parse_args(arguments)
    if options.explain < 0 or not (options.threshold is None or 0 <= options.threshold <= 1):
        parser.error("--threshold must be 0 to 1, and --explain 0 or more")
    return options


def main(arguments: Sequence[str] | None = None) -> None:
    options = parse(arguments)
    customers = SparkSession.builder.appName("churn").getOrCreate().read.parquet(options.input)
    try:
        scored = score_frame(
            customers,
            options.model,
            threshold=options.threshold,
            n_reasons=options.explain,
            positive_class=options.positive_class or None,
        )
    except CustomerError as error:
        sys.exit("\n".join([f"{options.input}: {error}", *map(str, error.problems)]))
    except ChurnError as error:
        sys.exit(str(error))
    counted = Observation()
    scored = scored.observe(counted, count(lit(1)).alias("rows"), count("error").alias("refused"))
    scored.write.parquet(options.output)
    print(f"{options.output}: {counted.get['rows']:,} rows, {counted.get['refused']:,} of them refused")


if __name__ == "__main__":
    main()
