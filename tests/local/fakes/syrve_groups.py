"""The restriction group of each operation: what Syrve counts calls by, and grants rights by.

The groups are published, their quotas are not. Logging in belongs to no published group, yet
is limited as well, so it has a name of its own here.
"""

LOGGING_IN = "Logging in"

GROUPS = {
    "/api/1/access_token": LOGGING_IN,
    "/api/v2/access_token": LOGGING_IN,
    "/api/1/organizations": "Data: dictionaries",
    "/api/1/terminal_groups": "Data: dictionaries",
    "/api/1/employees/couriers": "Drivers: dictionaries",
    "/api/1/employees/shift/clockin": "Employees: shifts",
    "/api/1/employees/shift/clockout": "Employees: shifts",
    "/api/1/employees/shift/is_open": "Employees: shifts",
    "/api/1/employees/shifts/by_courier": "Employees: shifts",
    "/api/1/deliveries/update_order_delivery_status": "Order status: changing",
    "/api/1/deliveries/by_id": "Orders: receiving",
    "/api/1/commands/status": "Commands",
    "/api/1/webhooks/settings": "Organizations: settings",
    "/api/1/webhooks/update_settings": "WebHooks: settings",
}
