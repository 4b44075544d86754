"""Stations without Home Assistant, beside the antenna: what they hear goes to an MQTT broker."""
