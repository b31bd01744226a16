"""Services that are asked again and again: ServiceNow's configuration database, Jira's issues."""
