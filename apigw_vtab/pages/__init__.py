"""The pages that are made from the tables' declarations and the saved queries."""
