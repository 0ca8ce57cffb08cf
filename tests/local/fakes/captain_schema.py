"""The bodies of Captain.AI's REST API as JSON schemas, after its documentation.

See captain_contract.py for what is inferred. A description is the words of a refusal, and `field`
the field that it names.
"""

TEXT = {"type": "string"}
NAME = {"type": "string", "minLength": 1}
OPTIONAL_TEXT = {"type": ["string", "null"]}
FLAG = {"type": "boolean"}
COUNT = {"type": "number", "exclusiveMinimum": 0}
ANYTHING = {"type": "object"}
MONEY = {"type": "string", "pattern": r"^-?\d+(\.\d+)?$", "description": "a decimal string"}
COORDINATE = {"type": "string", "pattern": r"^-?\d{1,3}(\.\d+)?$", "description": "a coordinate"}
PHONE = {
    "type": "string",
    "pattern": r"^\+[1-9]\d{6,14}$",
    "description": "a number in international format",
}
MOMENT = {"type": "string", "format": "moment", "description": "ISO-8601 with an offset"}
OPTIONAL_MOMENT = {"anyOf": [MOMENT, {"type": "null"}], "description": MOMENT["description"]}


def _object(properties: dict, required: tuple[str, ...] = (), **more: object) -> dict:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "required": list(required),
        **more,
    }


def _list_of(items: dict) -> dict:
    return {"type": "array", "items": items}


PLACE = {
    "name": OPTIONAL_TEXT,
    "apartment_number": OPTIONAL_TEXT,
    "line_1": NAME,
    "line_2": OPTIONAL_TEXT,
    "city": OPTIONAL_TEXT,
    "state": OPTIONAL_TEXT,
    "country": OPTIONAL_TEXT,
    "postcode": OPTIONAL_TEXT,
    "address_specific_instructions_to_driver": OPTIONAL_TEXT,
}
BOTH_COORDINATES = {
    "dependentRequired": {"latitude": ["longitude"], "longitude": ["latitude"]},
}
DROPOFF_LOCATION = _object(
    PLACE | {"latitude": COORDINATE, "longitude": COORDINATE}, ("line_1",), **BOTH_COORDINATES
)
INFERRED_ADDRESS = _object(
    PLACE
    | {
        "latitude": {"type": "number", "minimum": -90, "maximum": 90},
        "longitude": {"type": "number", "minimum": -180, "maximum": 180},
    },
    ("line_1",),
    **BOTH_COORDINATES,
)
DELIVERY_JOB = _object(
    {
        "dropoff_location": DROPOFF_LOCATION,
        "promised_delivery_minutes": {"type": "integer", "minimum": 0},
        "disable_dropoff_geoverification": FLAG,
        "driver_summary": _list_of(_object({"name": NAME, "quantity": COUNT}, ("name",))),
    }
)
RECIPIENT = _object(
    {
        "full_name": NAME,
        "first_name": NAME,
        "last_name": NAME,
        "email": TEXT,
        "phone_number": PHONE,
        "landline_number": PHONE,
        "opted_out_of_SMS": FLAG,
        "opted_out_of_email": FLAG,
        "partners_internal_recipient_id": TEXT,
        "send_tracking_link_by_sms": FLAG,
        "send_tracking_link_by_email": FLAG,
        "address": INFERRED_ADDRESS,
    },
    allOf=[
        {
            "anyOf": [{"required": ["full_name"]}, {"required": ["first_name", "last_name"]}],
            "description": "given, or first_name and last_name",
            "field": "full_name",
        }
    ],
)
ADDON = {
    "anyOf": [NAME, _object({"name": NAME, "quantity": COUNT}, ("name",))],
    "description": "a text, or a name with a quantity",
}
PIZZA = _object({"whole": _list_of(TEXT), "left": _list_of(TEXT), "right": _list_of(TEXT)})
ITEM = _object(
    {
        "name": NAME,
        "quantity": COUNT,
        "price": MONEY,
        "partners_uuid": TEXT,
        "category": TEXT,
        "addons_type": {"enum": ["", "pizza"]},
        "addons": {"anyOf": [_list_of(ADDON), PIZZA], "description": "a list, or a pizza's parts"},
        "special_instructions": OPTIONAL_TEXT,
        "display_on_kds": FLAG,
        "cookable": FLAG,
        "notes": OPTIONAL_TEXT,
    },
    ("name",),
)
FINANCIAL_RECORD = _object(
    {
        "delivery_fee": MONEY,
        "grand_total_including_tax": MONEY,
        "items_subtotal": MONEY,
        "payment_amount_received": MONEY,
        "remaining_balance": MONEY,
        "payment_method": NAME,
        "payment_status": NAME,
        "pre_delivery_driver_tip": MONEY,
        "post_delivery_driver_tip_by_card": MONEY,
        "card_charges": MONEY,
        "total_tip_left_for_driver": MONEY,
        "tax_type": TEXT,
        "credit": MONEY,
        "deposit": MONEY,
        "discount": MONEY,
    }
)
PREPARATION = _object(
    {
        # The examples have both; answers have the boolean.
        "auto_prepare": {"enum": [True, False, "true", "false"]},
        "estimated_preparation_duration": {"type": "integer", "minimum": 0},
        "estimated_preparation_start_time": MOMENT,
    }
)
KINDS = ("delivery", "collection", "walk_in", "drive_thru", "third_party_delivery")
STATUSES = ("being_prepared", "prepared", "cancelled")
CHANGEABLE = {
    "store_order_reference_description": NAME,
    "kind": {"enum": list(KINDS)},
    "recipient": RECIPIENT,
    "delivery_job": DELIVERY_JOB,
    "special_instructions": OPTIONAL_TEXT,
    "internal_notes": {"type": ["string", "array", "object", "null"]},
    "scheduled_for": OPTIONAL_MOMENT,
    "items": _list_of(ITEM),
    "financial_record": FINANCIAL_RECORD,
    "preparation": PREPARATION,
    "custom_fields": ANYTHING,
}
MANDATORY = (
    "placed_at_time",
    "partners_unique_internal_order_id",
    "store_order_reference_description",
    "kind",
    "recipient",
)

SCHEMAS = {
    "NewOrder": _object(
        CHANGEABLE | {"placed_at_time": MOMENT, "partners_unique_internal_order_id": NAME},
        MANDATORY,
    ),
    "OrderChanges": _object(CHANGEABLE, minProperties=1),
    "OrderStatus": _object(
        {
            "status": {"enum": list(STATUSES)},
            "scheduled_for": OPTIONAL_MOMENT,
            "cancellation_reason": TEXT,
            "disable_kds_notifications": FLAG,
        },
        ("status",),
    ),
    "ExternalDriver": _object(
        {
            "first_name": NAME,
            "last_name": OPTIONAL_TEXT,
            "invitation_email": OPTIONAL_TEXT,
            "invitation_phone_number": PHONE,
            "active": FLAG,
            "partners_external_identifier": NAME,
        },
        ("partners_external_identifier", "first_name"),
    ),
}
