"""The texts of the study that `tests.studies` writes: theory, rival, codebook, hypotheses, sources."""

THEORY = """\
name = "lake_fisheries"
title = "Who keeps the rules of a lake"
main_source = "okafor2012"

[model]
pooling = "partial"
prior = "sceptical"
prior_scale = 0.5

[constructs.leadership]
label = "Leadership"
definition = "Elders and committees whom fishers follow."
source = "s2.1"

[constructs.market_access]
label = "Market access"
definition = "How easily a catch reaches distant buyers."
source = "s2.2; lindqvist2015, pp. 12-14"

[constructs.monitoring]
label = "Monitoring"
definition = "How closely landings and nets are watched."
source = "s3"

[constructs.compliance]
label = "Compliance"
definition = "How far fishers keep closed seasons and mesh sizes."
source = "s3.2"
units = ["lake_period", "village"]

[constructs.stock]
label = "Fish stock"
definition = "State of the main commercial stocks."
source = "lindqvist2015, table 3"

[[edges]]
cause = "leadership"
effect = "monitoring"
sign = "+"
because = "Respected leaders get volunteers for patrols."
source = "s4.1"

[[edges]]
cause = "market_access"
effect = "compliance"
sign = "-"
because = "A road raises what an undersized fish fetches."
source = "s4.3"

[[edges]]
cause = "monitoring"
effect = "compliance"
sign = "+"
because = "Fishers keep rules that they see kept."
source = "s4.2; lindqvist2015, p. 30"
moderator = "market_access"
moderation = "-"

[[edges]]
cause = "compliance"
effect = "stock"
sign = "+"
because = "Closed seasons protect spawning."
source = "lindqvist2015, ch. 2"

[[edges]]
cause = "stock"
effect = "stock"
lag = 1
sign = "+"
because = "Stocks recover slowly."
source = "lindqvist2015, ch. 2"
"""

RIVAL = """\
name = "gear"
title = "Nets, not norms"

[constructs.gear]
label = "Gear restriction"
definition = "How far the gear in use spares young fish, whatever the rules say."
source = "mbeki2018, s5"

[constructs.market_access]
label = "Market access"
source = "s2.2"

[constructs.stock]
label = "Fish stock"

[[edges]]
cause = "gear"
effect = "stock"
sign = "+"
because = "Wide meshes let young fish pass."
source = "mbeki2018, s5.1"

[[edges]]
cause = "market_access"
effect = "stock"
sign = "-"
because = "Buyers pay for effort."
"""

CODEBOOK = """\
default_confidence = 0.9

[scales.rating]
levels = ["Low", "Medium", "High"]

[scales.frequency]
levels = ["Never", "Yearly", "Monthly", "Weekly"]

[indicators.leaders_followed]
measures = "leadership"
family = "ordinal"
scale = "rating"
question = "Do fishers follow their leaders?"
rule = "High where meetings are full and their decisions are kept."

[indicators.leaders_contested]
measures = "leadership"
family = "binary"
reversed = true
question = "Was a leader deposed or sued in the period?"
rule = "1 if so."

[indicators.patrols]
measures = "monitoring"
family = "ordinal"
scale = "frequency"
question = "How often do patrols go out?"

[indicators.inspections]
measures = "monitoring"
family = "count"
question = "How many landings were inspected in the last year of the period?"

[indicators.travel_hours]
measures = "market_access"
family = "continuous"
reversed = true
question = "How many hours to the next city?"

[indicators.traders]
measures = "market_access"
family = "ordinal"
scale = "rating"
question = "How present are outside traders?"

[indicators.rules_kept]
measures = "compliance"
family = "ordinal"
scale = "rating"
question = "Are closed seasons and mesh sizes kept?"

[indicators.households_complying]
measures = "compliance"
family = "binomial"
question = "How many of the households asked keep the closed season?"

[indicators.catch_per_effort]
measures = "stock"
family = "continuous"
question = "Log kilograms per net and night?"

[indicators.stock_rating]
measures = "stock"
family = "ordinal"
scale = "rating"
question = "How do biologists rate the stock?"

[indicators.mesh_width]
measures = "gear"
family = "ordinal"
scale = "rating"
question = "How wide are the meshes in use?"
"""

HYPOTHESES = '''\
[[hypotheses]]
id = "leaders"
statement = "Leadership improves the stock."
claim = "effect(leadership -> stock) > 0"

[[hypotheses]]
id = "rules"
statement = "Monitoring works through compliance."
claim = "path(monitoring -> compliance -> stock) > 0"
smallest_effect = 0.1

[[hypotheses]]
id = "roads"
statement = "Monitoring does less where the market is near, and a near market itself harms compliance."
claim = """effect(monitoring -> compliance | market_access = high)
< effect(monitoring -> compliance | market_access = low)
& direct(market_access -> compliance) < 0"""
'''

SOURCES = """\
@book{okafor2012,
  author = {Okafor, Ngozi},
  title = {Keeping the lake},
  year = {2012},
}

@article{lindqvist2015,
  author = {Lindqvist, {\\AA}sa and Sok, Dara},
  title = {Stocks and roads},
  journal = {Freshwater Reports},
  year = {2015},
}

@techreport{mbeki2018,
  author = {Mbeki, Thandi},
  title = {A survey of gear},
  institution = {Lakes Office},
  year = {2018},
}
"""

CHANGES = "# Changes\n\nNothing has been recoded yet.\n"
