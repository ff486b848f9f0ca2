"""What one writes first in Python: a room whose one camera goes through aiortc's MediaRelay to everybody else.

The relay hands out pictures, so the server decodes the camera once and encodes it again for every viewer, which costs
far more than moving packets; hence a core. Its viewers are aiortc's, too: the frames of our load client have a camera's
sizes but no picture in them, and here they are looked into.
"""
