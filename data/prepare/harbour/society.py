"""Health, banking and markets, public administration, emergency services, food, industry."""

from __future__ import annotations

from data.prepare.harbour.city import City
from data.prepare.harbour.plan import Point
from data.prepare.harbour.power import feeds
from data.prepare.harbour.telecom import nearest_exchange

#: id: (name, type, place in km, quarter)
CORE: dict[str, tuple[str, str, Point, str]] = {
    "hospital/university": ("University Hospital", "hospital", (16.4, 9.4), "scholars-hill"),
    "hospital/westbank": ("Westbank General Hospital", "hospital", (7.7, 7.7), "westbank"),
    "hospital/eastmoor": ("Eastmoor Hospital", "hospital", (20.1, 7.6), "eastmoor"),
    "dialysis/market": ("Market Side dialysis centre", "dialysis", (13.9, 9.2), "market-side"),
    "dialysis/westbank": ("Westbank dialysis centre", "dialysis", (7.9, 7.5), "westbank"),
    "dialysis/strand": ("Strand dialysis centre", "dialysis", (16.6, 6.6), "strand"),
    "health/blood": ("Blood and laboratory centre", "lab_blood", (16.2, 10.2), "scholars-hill"),
    "health/pharma": ("Curlew infusion works", "pharma_plant", (15.2, 13.2), "northgate"),
    "health/helipad": ("Helipad of the University Hospital", "helipad", (16.3, 9.3), ""),
    "pay/cards": ("Tidepay card switch", "payment_processor", (14.3, 9.3), "market-side"),
    "pay/instant": ("Tidepay instant payments", "payment_processor", (13.3, 9.8), "market-side"),
    "fmi/clearing": ("Merrow Clearing (CCP, settlement)", "trading_venue", (13.0, 7.9),
                     "old-harbour"),
    "fmi/exchange": ("Merrow Exchange", "trading_venue", (12.9, 8.0), "old-harbour"),
    "public/town-hall": ("Town Hall and crisis room", "government_office", (13.4, 9.5),
                         "market-side"),
    "public/state": ("State chancellery", "government_office", (13.8, 9.7), "market-side"),
    "public/registry": ("Registry and social payments office", "government_office", (12.3, 7.7),
                        "old-harbour"),
    "public/calls": ("Emergency call centre 112", "emergency_call_centre", (13.0, 8.9),
                     "market-side"),
    "public/police": ("Police headquarters", "police_station", (14.3, 9.9), "market-side"),
    "fire/1": ("Fire station Market Side", "fire_station", (13.2, 9.3), "market-side"),
    "fire/2": ("Fire station Westbank", "fire_station", (8.6, 7.7), "westbank"),
    "fire/3": ("Fire station Millrise", "fire_station", (6.3, 10.8), "millrise"),
    "fire/4": ("Fire station Northgate", "fire_station", (15.0, 12.4), "northgate"),
    "fire/5": ("Fire station Eastmoor", "fire_station", (19.7, 8.4), "eastmoor"),
    "fire/6": ("Fire station Holm (port)", "fire_station", (11.8, 3.6), "holm"),
    "fire/7": ("Fire station Sandrey", "fire_station", (23.7, 7.3), "sandrey"),
    "ambulance/1": ("Ambulance station Old Harbour", "ambulance_station", (12.5, 7.8),
                    "old-harbour"),
    "ambulance/2": ("Ambulance station Westbank", "ambulance_station", (8.0, 7.8), "westbank"),
    "ambulance/3": ("Ambulance station Kingsfield", "ambulance_station", (9.2, 11.7),
                    "kingsfield"),
    "ambulance/4": ("Ambulance station Eastmoor", "ambulance_station", (19.2, 7.7), "eastmoor"),
    "shelter/1": ("Shelter Market Hall", "shelter", (13.7, 9.1), "market-side"),
    "shelter/2": ("Shelter Westbank arena", "shelter", (8.9, 8.4), "westbank"),
    "shelter/3": ("Shelter university gym", "shelter", (17.1, 9.9), "scholars-hill"),
    "food/mill": ("Old Harbour flour mill", "food_processing", (11.7, 6.8), "old-harbour"),
    "food/fish": ("Strand fish works", "food_processing", (15.6, 6.3), "strand"),
    "food/dairy": ("Millrise dairy", "food_processing", (5.3, 10.4), "millrise"),
    "food/west": ("Larder warehouse Kingsfield", "food_warehouse", (8.3, 12.2), "kingsfield"),
    "food/east": ("Larder warehouse Eastmoor", "food_warehouse", (20.3, 8.5), "eastmoor"),
    "food/cold": ("Strand cold store", "food_warehouse", (15.9, 6.6), "strand"),
    "gases/plant": ("Curlew air and chlorine works", "industrial_gas_plant", (15.6, 13.0),
                    "northgate"),
    "gases/chlorine": ("Curlew chlorine store", "seveso_site", (15.5, 12.8), "northgate"),
    "industry/yard": ("Merrow shipyard", "industrial_demand", (9.4, 6.5), "westbank"),
    "industry/steel": ("Eastmoor foundry", "industrial_demand", (20.7, 8.1), "eastmoor"),
}  # fmt: skip
HOSTED = ("data/quay", "data/campus")


def core(city: City) -> None:
    """Add what does not grow in number with the city."""
    for key, (name, kind, at, quarter) in CORE.items():
        city.asset(key, name, kind, at, quarter=quarter)


def join(city: City) -> None:
    """Declare what all of these need."""
    _health(city)
    _finance(city)
    _public(city)
    _food(city)
    for key in city.of_type("industrial_demand", "seveso_site", "industrial_gas_plant"):
        feeds(city, key, 2)
    city.need("gases/plant", "cooling_water", ["water/intake"])
    for key in city.of_type("school", "charging_hub", "shelter"):
        feeds(city, key)
    _causes(city)


def main_of(city: City, key: str) -> str:
    """Return the water main of an asset's quarter."""
    return f"main/{city.quarters[key]}"


def _health(city: City) -> None:
    for key in city.of_type("hospital"):
        quarter = city.quarters[key]
        feeds(city, key, 2)
        city.need(key, "drinking_water", [f"main/{quarter}"])
        other = "exchange/market-side"
        city.need(key, "communications", [f"exchange/{quarter}", other])
        city.need(key, "medical_oxygen", ["gases/plant", "port/container"])
        city.need(key, "supplies", ["health/blood", "health/pharma"])
        city.need(key, "hosting", HOSTED)
        city.need(key, "heat", [f"heat/area-{quarter}"])
        city.need(key, "road", [f"road/{quarter}"])
    for key in city.of_type("clinic"):
        feeds(city, key)
        city.need(key, "communications", [nearest_exchange(city, key)])
    for key in city.of_type("dialysis"):
        feeds(city, key)
        city.need(key, "drinking_water", [main_of(city, key)])
    for key in city.of_type("care_home"):
        feeds(city, key)
        area = f"heat/area-{city.quarters[key]}"
        if area in city.assets:
            city.need(key, "heat", [area])
    for key in city.of_type("pharmacy"):
        feeds(city, key)
        city.need(key, "supplies", ["health/pharma"])
    feeds(city, "health/blood")
    feeds(city, "health/pharma")
    city.need("health/pharma", "drinking_water", [main_of(city, "health/pharma")])


def _finance(city: City) -> None:
    centre = ("exchange/market-side", "exchange/old-harbour")
    for key in ("pay/cards", "pay/instant", "fmi/clearing", "fmi/exchange"):
        feeds(city, key, 2)
        hosts = ("data/quay", "data/holm") if key.startswith("pay/") else HOSTED
        city.need(key, "hosting", hosts)
        city.need(key, "communications", centre)
        city.need(key, "time", ["space/time"])
    for key in ("pay/cards", "pay/instant"):
        city.need(key, "settlement", ["fmi/clearing"])
    for key in city.of_type("bank_branch"):
        feeds(city, key)
        city.need(key, "communications", [nearest_exchange(city, key)])
        city.need(key, "payments", ["pay/cards", "pay/instant"])


def _public(city: City) -> None:
    for key in city.of_type("government_office"):
        feeds(city, key)
        city.need(key, "communications", [nearest_exchange(city, key)])
        city.need(key, "hosting", ["data/campus", "data/quay"])
    feeds(city, "public/calls", 2)
    city.need("public/calls", "communications", ["exchange/market-side", "exchange/old-harbour"])
    for key in city.of_type("fire_station", "police_station", "ambulance_station"):
        feeds(city, key)
        city.need(key, "radio_dispatch", city.nearest("mobile_site", key, 2))
    for key in city.of_type("fire_station"):
        city.need(key, "fire_water", [main_of(city, key)])


def _food(city: City) -> None:
    for key in city.of_type("food_processing"):
        feeds(city, key)
        city.need(key, "drinking_water", [main_of(city, key)])
        city.need(key, "gas", city.nearest("gas_pressure_station", key))
    stores = city.of_type("food_warehouse")
    for key in stores:
        feeds(city, key)
        city.need(key, "road", [f"road/{city.quarters[key]}"])
        city.need(key, "goods", ["food/mill", "food/fish", "food/dairy"], k=2)
        city.need(key, "hosting", HOSTED)
    for key in city.of_type("supermarket"):
        feeds(city, key)
        city.need(key, "goods", city.nearest("food_warehouse", key, 2))
        city.need(key, "payments", ["pay/cards"])


def _causes(city: City) -> None:
    hospital = "hospital/university"
    feeding = [supplier.asset_id for supplier in city.groups[f"{hospital}:electricity"].suppliers]
    city.cause("location/university-switchroom",
               "Both feeds of the University Hospital come from Scholars' Hill 110/20 kV",
               feeding)  # fmt: skip
    diesel = ["data/quay", "data/holm", "exchange/old-harbour", "exchange/market-side"]
    city.cause("fuel/gannet-haulage", "Emergency diesel from one haulier, over one bridge", diesel)
    branches = city.of_type("bank_branch")
    for bank in ("Tidewater Bank", "Merrow Savings Bank"):
        own = [key for key in branches if city.assets[key].operator == bank]
        city.cause(f"operator/{bank.lower().replace(' ', '-')}", f"Branches of {bank}", own)
