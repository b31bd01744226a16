"""Meridian Group, an imaginary financial group: nine units, about 120 systems of mixed quality. All names are invented.

One line a system: name | technique | sourcing | vendor | personal data | impact | stage | purpose | outputs
"""

UNITS: dict[str, str] = {
    "Retail banking": """
Credit decision scoring | gradient boosting | build | | personal | rights | production | Decide on consumer loans up to 25,000 with the same rule for everyone | A score and a recommended decision with reasons
Mortgage document reader | document understanding | buy | Calyx Documents | personal | neither | production | Read payslips and deeds so that an adviser need not type them | Fields with a confidence for each
Overdraft early warning | gradient boosting | build | | personal | rights | production | Warn customers before they pay an overdraft fee | A probability for each account and day
Branch footfall forecast | time series | build | | none | neither | production | Staff branches by expected visits | Visits an hour for four weeks
Savings offer ranking | recommender | build | | personal | neither | production | Show the savings product that fits | A ranked list of three offers
Loan letter drafting | language model | api | Northlight | personal | neither | pilot | Draft refusal and offer letters for an adviser to edit | A letter in plain words
Adviser call summary | language model | api | Northlight | personal | neither | pilot | Save ten minutes of notes after each call | A summary and three follow-ups
Arrears treatment choice | uplift model | build | | personal | rights | development | Choose the treatment that helps a customer catch up | A treatment with its expected effect
Student account chatbot | language model | buy | Parley | personal | neither | retired | Answer questions about student accounts | Chat answers
Cash machine refill | optimisation | build | | none | neither | production | Refill machines before they run empty | A route and amounts for each day
Home valuation | gradient boosting | buy | Gable Data | none | rights | production | Value a home without a visit for small loans | A value with a range
Complaint topic tagging | text classification | build | | personal | neither | production | Send a complaint to who can solve it | A topic and an urgency
Financial vulnerability flag | gradient boosting | build | | special | rights | idea | Notice customers who need extra care | A flag with its reasons
""",
    "Insurance": """
Motor claim triage | gradient boosting | build | | personal | rights | production | Settle simple claims the same day | A track for each claim
Photo damage estimate | computer vision | buy | Dentalyse | personal | neither | production | Estimate repair cost from photos | Cost lines with a range
Claims fraud signals | graph analysis | build | | personal | rights | production | Find claims that deserve a second look | A score and the links behind it
Health premium model | generalised linear model | build | | special | both | production | Price health policies within the law | A premium factor
Policy wording assistant | language model, retrieval | api | Northlight | none | neither | pilot | Answer brokers' questions from the wordings | An answer with the clause it rests on
Flood exposure map | geospatial model | buy | Isobar | none | neither | production | Price flood risk by address | A risk class by address
Claim call routing | text classification | buy | Parley | personal | neither | production | Route calls to the right team | A queue
Life underwriting helper | language model, retrieval | api | Northlight | special | rights | development | Prepare a file for the underwriter | A summary with open questions
Broker e-mail answering | agent | build | | personal | neither | development | Answer routine broker mail with tools | A draft reply and the data it used
Subrogation finder | text classification | build | | personal | neither | production | Find claims that another party should pay | A list with evidence
Weather claim surge forecast | time series | build | | none | neither | production | Call in staff before a storm | Claims a day for ten days
Lapse prediction | gradient boosting | build | | personal | neither | production | Keep customers who are about to leave | A probability by policy
Crop loss from satellite | computer vision | buy | Isobar | none | neither | pilot | Pay farmers faster after hail | Loss share by field
""",
    "Payments": """
Card fraud detection | gradient boosting | build | | personal | neither | production | Stop stolen cards within a second | A score for each payment
Merchant risk onboarding | gradient boosting | build | | personal | rights | production | Accept good merchants quickly | A risk class with reasons
Chargeback evidence writer | agent | build | | personal | neither | pilot | Assemble evidence for a disputed payment | A bundle and a letter
Sanctions name matching | fuzzy matching | buy | Sentrel | personal | rights | production | Find sanctioned parties without stopping everyone else | Matches with a score
Payment routing | bandit | build | | none | neither | production | Choose the route with the best acceptance | A route for each payment
Money-laundering alerts | graph analysis | buy | Sentrel | personal | rights | production | Report what must be reported | Alerts with the pattern found
Alert narrative drafting | language model | api | Northlight | personal | neither | pilot | Draft the narrative of a report for an analyst | A narrative to edit
Instant payment mule detection | gradient boosting | build | | personal | rights | development | Stop mule accounts | A score by account
Receipt categorisation | text classification | build | | personal | neither | production | Show customers where their money goes | A category for each payment
Terminal failure prediction | time series | build | | none | neither | production | Replace terminals before they fail | A risk by terminal
Dispute chatbot | language model | buy | Parley | personal | neither | rejected | Take in disputes by chat | A filled form
Interchange anomaly watch | anomaly detection | build | | none | neither | production | See wrong fees early | Alerts by scheme
""",
    "Wealth": """
Portfolio drift alerts | rules and statistics | build | | personal | neither | production | Tell advisers when a portfolio leaves its mandate | Alerts with the cause
Suitability pre-check | rules and language model | build | | personal | rights | pilot | Check advice against the client's profile | A verdict with open points
Market news digest | language model, retrieval | api | Northlight | none | neither | production | Save advisers an hour of reading | A digest with sources
Client meeting notes | speech to text, language model | buy | Scrivo | personal | neither | pilot | Write the note while the adviser listens | A note to approve
Fund document extraction | document understanding | buy | Calyx Documents | none | neither | production | Read fund documents into fields | Fields with a page reference
Next best conversation | recommender | build | | personal | neither | production | Suggest whom to call and why | A list for each adviser
Bond liquidity estimate | gradient boosting | build | | none | neither | production | Price illiquid bonds | A spread with a range
Research agent | multi-agent | build | | none | neither | development | Draft a first research note from filings | A note with citations
Trade surveillance | anomaly detection | buy | Sentrel | personal | rights | production | Find market abuse | Alerts
Churn of private clients | gradient boosting | build | | personal | neither | unknown | Notice clients who may leave | A probability
Tax lot optimisation | optimisation | build | | personal | neither | production | Lower clients' tax within the rules | Proposed lots
ESG claim checker | language model, retrieval | api | Northlight | none | neither | idea | Check what a fund says of itself | Claims with evidence for and against
""",
    "Customer service": """
Contact centre assistant | language model, retrieval | api | Northlight | personal | neither | production | Answer faster with the right page open | Suggested answers with sources
Intent routing | text classification | build | | personal | neither | production | Route by what the caller wants | An intent
Voice authentication | speaker verification | buy | Timbre | special | rights | production | Recognise a caller without questions | Match or no match
Call transcription | speech to text | buy | Scrivo | personal | neither | production | Make calls searchable | A transcript
Quality monitoring | text classification | build | | personal | neither | production | Coach agents on every call | Scores by topic
Emotion cue display | speech analysis | buy | Timbre | special | rights | retired | Show agents how a caller feels | A cue
Refund agent | agent | build | | personal | neither | pilot | Refund small amounts without waiting | A refund or a hand-over
Wait time forecast | time series | build | | none | neither | production | Tell callers how long it takes | Minutes
Knowledge page writer | language model | api | Northlight | none | neither | pilot | Keep help pages current | A draft page with what changed
Web chat | language model, retrieval | buy | Parley | personal | neither | production | Answer simple questions day and night | Chat answers with a way to a person
Survey comment themes | topic model | build | | personal | neither | production | Learn from what customers write | Themes by month
Translation of letters | machine translation | buy | Lingua Nord | personal | neither | production | Serve customers in nine languages | A translated letter
Call-back planner | optimisation | build | | personal | neither | unknown | Plan call-backs when people pick up | A time slot
Accessibility reader | speech synthesis | buy | Timbre | none | neither | production | Read letters aloud | Audio
""",
    "Human resources": """
Candidate ranking | gradient boosting | buy | Talentine | personal | rights | production | Order applications for recruiters | A ranked list
CV summary | language model | api | Northlight | personal | rights | pilot | Show what matters in a CV | A summary by requirement
Interview scheduling | optimisation | buy | Talentine | personal | neither | production | Plan interviews without mail | A slot
Attrition forecast | gradient boosting | build | | personal | rights | pilot | Plan hiring by team | A rate by team, never by person
Learning recommendations | recommender | buy | Skillway | personal | neither | production | Offer the course that helps | Three courses
HR policy assistant | language model, retrieval | api | Northlight | personal | neither | production | Answer questions on leave and pay | An answer with the policy it rests on
Job advert writer | language model | api | Northlight | none | neither | production | Write adverts that invite everyone | A draft advert
Pay equity analysis | regression | build | | special | rights | production | Find unexplained differences in pay | Differences with intervals
Video interview scoring | computer vision | buy | Talentine | special | rights | rejected | Score recorded interviews | A score
Shift planning | optimisation | build | | personal | rights | production | Plan shifts people can live with | A roster
Skills inference | text classification | build | | personal | neither | development | Know which skills we have | Skills with a confidence
Expense audit | anomaly detection | build | | personal | neither | production | Find wrong expense claims | Claims to check
""",
    "Technology": """
Coding assistant | language model | buy | Northlight | none | neither | production | Write and review code faster | Suggestions
Incident summary bot | language model | build | | none | neither | production | Tell everyone the same story in an incident | A timeline
Log anomaly detection | anomaly detection | build | | none | neither | production | See trouble before customers do | Alerts
Phishing filter | text classification | buy | Sentrel | personal | neither | production | Keep phishing out | Quarantine or deliver
Access review helper | rules and clustering | build | | personal | neither | pilot | Remove rights nobody uses | Proposals by role
Test data generator | generative tabular model | build | | none | neither | development | Test without customer data | Synthetic rows
Capacity forecast | time series | build | | none | neither | production | Buy capacity in time | Load by service
Service desk agent | agent | buy | Deskhand | personal | neither | pilot | Solve password and access tickets | A solved ticket or a hand-over
Code migration agent | multi-agent | build | | none | neither | development | Move old batch jobs to the new platform | A pull request with tests
Vulnerability triage | gradient boosting | buy | Sentrel | none | neither | production | Mend first what is attacked first | A ranked list
Architecture search | language model, retrieval | build | | none | neither | unknown | Find who decided what and why | Passages with links
Endpoint threat detection | anomaly detection | buy | Sentrel | personal | neither | production | Stop malware | Isolate or alert
Data catalogue tagging | text classification | build | | none | neither | production | Find personal data in tables | Tags with a confidence
Release risk score | gradient boosting | build | | none | neither | production | Look twice at risky releases | A score
""",
    "Finance and risk": """
Expected credit loss | survival model | build | | personal | neither | production | Reserve what the standard asks | Loss by portfolio and scenario
Liquidity forecast | time series | build | | none | neither | production | Hold enough, not too much | Flows by day
Invoice reading | document understanding | buy | Calyx Documents | none | neither | production | Book invoices without typing | Fields with a confidence
Ledger anomaly finder | anomaly detection | build | | none | neither | production | Close the books with fewer surprises | Entries to check
Stress test narrator | language model | api | Northlight | none | neither | pilot | Draft the story of a stress test | A draft section
Model risk inventory reader | language model, retrieval | build | | none | neither | idea | Answer questions on our models | Answers with sources
Operational loss classifier | text classification | build | | personal | neither | production | Classify losses the same way everywhere | A class
Regulatory change watch | language model, retrieval | buy | Lexwatch | none | neither | production | Know which rule changes touch us | A list by unit
Cash collection priority | gradient boosting | build | | personal | neither | production | Call first where it helps | A ranked list
Procurement price check | anomaly detection | build | | none | neither | production | See overpriced quotes | Quotes to question
Climate scenario model | econometric model | buy | Isobar | none | neither | development | Report climate risk | Losses by scenario
Treasury hedging helper | optimisation | build | | none | neither | unknown | Hedge at lower cost | Proposed trades
""",
    "Marketing": """
Campaign audience model | gradient boosting | build | | personal | neither | production | Write only to those who care | A probability by customer
Copy drafting | language model | api | Northlight | none | neither | production | Draft campaign copy in the house style | Three drafts
Image generation | diffusion model | buy | Pigment | none | neither | pilot | Make pictures for campaigns | Images marked as generated
Media mix model | Bayesian regression | build | | none | neither | production | Spend where it works | Effect by channel with intervals
Social listening | text classification | buy | Echoes | personal | neither | production | Hear what is said of us | Themes and tone
Web personalisation | bandit | buy | Parley | personal | neither | production | Show the page that helps | A variant
Lead scoring | gradient boosting | buy | Talentine | personal | neither | production | Call leads that are ready | A score
Price elasticity test | causal model | build | | none | neither | development | Know what a price does | Elasticity with a range
Event speech translation | speech translation | buy | Lingua Nord | none | neither | production | Let everyone follow | Subtitles
Search answer agent | agent | build | | none | neither | idea | Answer on our site with products | An answer with links
Brand safety filter | text classification | buy | Echoes | none | neither | production | Stay away from harmful pages | Allow or avoid
Customer lifetime value | regression | build | | personal | neither | production | Invest in lasting relations | A value with a range
""",
}
