// The reasons why a workbook can't be read, in the words of churn/workbooks/parts.py.

import { Stop } from "./stop.js";

const SAVE_ANEW = "open it in Excel or LibreOffice and save it again as .xlsx, or as CSV UTF-8";
const SAVE_AS_CSV = "save it as CSV UTF-8";

/** The Stop for a workbook that breaks the rules of its format. */
export const damaged = (reason, row) => refused(`it is a damaged workbook, ${reason}; ${SAVE_ANEW}`, row);

/** The Stop for a workbook beyond one of the limits. */
export const tooLarge = (reason, row) => refused(`${reason}; ${SAVE_AS_CSV}`, row);

/** The Stop for a workbook that is refused; `row` is its row in a spreadsheet. */
export function refused(reason, row) {
  return new Stop(row ? `The workbook, row ${row}: ${reason}.` : `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`);
}
