"""A customer and a driver as Bringg's webhooks show them, with the secrets that are in there."""

ACCESS_TOKEN = "4895077e-dc4b-4bc5-a3bc-705d31c83429"
CONFIRMATION_CODE = "cc-7454-3504"
ENCRYPTED_PASSWORD = "$2a$10$dummyhashofnobodyspassword"
RESET_TOKEN = "reset-1f0c-nobody"
PUSH_TOKEN = "push-77aa-nobody"
# What must not be found in a log, a queue or the table, wherever in a body it was.
SECRETS = (ACCESS_TOKEN, CONFIRMATION_CODE, ENCRYPTED_PASSWORD, RESET_TOKEN, PUSH_TOKEN)
USER_ID = 77484

CUSTOMER = {
    "id": 4652688,
    "name": "Testa Example",
    "address": "12 Example Street, Dublin",
    "lat": 53.349805,
    "lng": -6.26031,
    "phone": "+35310000000",
    "email": "guest@example.com",
    "merchant_id": 11271,
    "image": "/images/avatar.png",
    "access_token": ACCESS_TOKEN,
    "confirmation_code": CONFIRMATION_CODE,
    "salt": None,
    "encrypted_password": ENCRYPTED_PASSWORD,
    "reset_password_token": RESET_TOKEN,
    "push_token": PUSH_TOKEN,
    "uuid": "0885ddb9-c943-4ef5-98f2-9db7f02e6d13",
    "external_id": "4652688",
    "allow_sending_sms": True,
}

DRIVER = {
    "id": USER_ID,
    "name": "Courier Nineteen",
    "phone": "+35310000017",
    "external_id": "",
}
