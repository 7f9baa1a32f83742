export const title = "Invoices";
