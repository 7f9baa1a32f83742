export { CsvError, csvFields } from "../dockerfile/csv.ts";
