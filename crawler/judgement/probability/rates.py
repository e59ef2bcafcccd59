"""How many false alarms and items to review are affordable in 10,000 ordinary documents, where
nothing else is configured. At 4,600 documents a day the first is two alarms a day.
"""

FALSE_ALARMS = 4.0
TO_REVIEW = 40.0
