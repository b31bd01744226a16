"""Which domain rests on which: what a CAIO sees when the first is weak, and the question that finds out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edge:
    """The `target` suffers when the `source` is weak. `symptom` is what shows; `question` is what to ask then."""

    source: str
    target: str
    symptom: str
    question: str

    @property
    def id(self) -> str:
        return f"{self.source}.{self.target}"


EDGES = (
    Edge(
        "strategy",
        "economics",
        "Money is spent and nobody can say what it was to bring; benefits are worked out after the bill has come.",
        "Which figure did we promise to move before the first invoice, and who would have noticed if it had not?",
    ),
    Edge(
        "strategy",
        "governance",
        "Risk is argued about case by case, because no stated aim says what a risk would be worth taking for.",
        "For our riskiest systems: which goal would we give up if we switched them off?",
    ),
    Edge(
        "strategy",
        "experience",
        "Tools arrive that nobody asked for, training is sat through, and people go on as before.",
        "Whose day was to become different, and did anybody tell them so?",
    ),
    Edge(
        "platform",
        "model_lifecycle",
        "The same model is chosen again and again because data for a better one never arrives; retraining waits.",
        "Which change of model is waiting for data rather than for an idea?",
    ),
    Edge(
        "platform",
        "mlops",
        "Alarms go off about inputs, not models: feeds stop, columns change, and nobody at the source knew.",
        "Of the last ten incidents, how many began in a feed that nobody had promised to keep?",
    ),
    Edge(
        "platform",
        "architecture",
        "Every team builds its own pipe to the same source, and designs bend round what they cannot reach.",
        "How many ways lead to our customer data, and which of them was designed?",
    ),
    Edge(
        "security",
        "governance",
        "The audit trail ends where the threat model should begin; sign-offs rest on a general review.",
        "Which approvals would not survive the question how the model itself could be attacked?",
    ),
    Edge(
        "security",
        "architecture",
        "Agents get wide rights because nobody worked out narrow ones; designs are frozen late, or never.",
        "Which agent could do harm with the rights it has today, and who wrote that down?",
    ),
    Edge(
        "security",
        "experience",
        "People either paste secrets into tools or stay away from good ones, as nobody says what is safe.",
        "What may I put into this tool? Would ten employees give the same answer?",
    ),
    Edge(
        "model_lifecycle",
        "mlops",
        "An alert says that quality fell, and nobody can say which version was running when it did.",
        "For the last alert: which version, since when, and what could we have gone back to?",
    ),
    Edge(
        "model_lifecycle",
        "governance",
        "Papers describe a model that has long been replaced; licence and origin are found out on request.",
        "Does the version in the risk file run today?",
    ),
    Edge(
        "model_lifecycle",
        "economics",
        "Cost a call jumps after a silent change of version, and savings cannot be told from luck.",
        "Which change of version moved our unit cost most, and did anybody decide it?",
    ),
    Edge(
        "mlops",
        "governance",
        "Regulators and customers hear of failures before we do; the incident register is short because nobody looks.",
        "What would have told us of the last failure if nobody had complained?",
    ),
    Edge(
        "mlops",
        "experience",
        "People stop trusting a tool long after it got worse, and go on distrusting it long after it was mended.",
        "Who learned of the last bad week first: we, or the people who work with it?",
    ),
    Edge(
        "mlops",
        "economics",
        "Value is booked on the day of launch and never checked again, while quality drifts.",
        "Which booked benefit rests on a figure measured this quarter?",
    ),
    Edge(
        "talent",
        "strategy",
        "The roadmap is written by whoever sells something, as nobody inside can tell possible from promised.",
        "Who of ours could have said no to the last three proposals, and for what reason?",
    ),
    Edge(
        "talent",
        "platform",
        "Data work queues behind two people; sources stay unregistered because only they would know how.",
        "Who else could build the next pipeline if these two were ill?",
    ),
    Edge(
        "talent",
        "security",
        "Threat models are copied from the last system, and reviewers sign what they could not attack.",
        "Who here has ever broken a model, on purpose?",
    ),
    Edge(
        "talent",
        "architecture",
        "Decisions are taken by default settings; nobody can explain why this pattern and not the simpler one.",
        "Which of our designs could we defend before somebody who disagrees?",
    ),
    Edge(
        "talent",
        "model_lifecycle",
        "Models are picked by their name, evaluated by a demonstration, and never retired.",
        "Who owns the comparison that our last choice of model rests on?",
    ),
    Edge(
        "talent",
        "mlops",
        "Monitors exist, and the alert goes to somebody who does not know what to do about it.",
        "Who is on call tonight, and what have they practised?",
    ),
    Edge(
        "talent",
        "experience",
        "Adoption stalls after the pilot, because nobody was freed or trained to change how the work is done.",
        "Who in each unit can show a colleague how, and has time for it?",
    ),
    Edge(
        "talent",
        "governance",
        "Classifications are guessed, duties stay with a team that has never met the system.",
        "Who can explain the risk class of this system without looking it up?",
    ),
    Edge(
        "talent",
        "economics",
        "Outside help becomes the largest line of cost, and forecasts come from those who are paid by it.",
        "What do we buy by the day that we will still need in two years?",
    ),
    Edge(
        "governance",
        "strategy",
        "Good ideas wait for an answer nobody is named to give; bold ones go round it.",
        "Which goal is held up by a decision that has no decider?",
    ),
    Edge(
        "governance",
        "economics",
        "Rework, late legal advice and stopped launches eat what the systems were to save.",
        "What did we pay last year for finding out too late that something was not allowed?",
    ),
    Edge(
        "governance",
        "experience",
        "People cannot say who answers when AI errs, so they either check everything or nothing.",
        "Does the person at the screen know when to override, and that nobody will blame them for it?",
    ),
    Edge(
        "architecture",
        "security",
        "Calls run through tools that no threat model names; a new chain opens a way in that nobody reviewed.",
        "Which path from the outside to an action of an agent is on no drawing?",
    ),
    Edge(
        "architecture",
        "mlops",
        "When a chain fails, nobody can say which link: there is nothing between the parts to watch.",
        "Where would we look first if the answers turned wrong and every part looked well?",
    ),
    Edge(
        "experience",
        "economics",
        "Licences are paid for and hardly used; the saved minutes never show up in anybody's week.",
        "Of the people we pay for, how many used it this week, and what did they stop doing?",
    ),
    Edge(
        "experience",
        "strategy",
        "What the people at work would change never reaches the plan; the next goal is guessed as the last was.",
        "Which goal of this year came from somebody who uses the systems?",
    ),
    Edge(
        "economics",
        "strategy",
        "Everything looks worth doing, as nothing has a price; projects are chosen by who speaks best.",
        "Which two systems would we stop if the budget fell by a tenth, and how do we know?",
    ),
    Edge(
        "economics",
        "platform",
        "Shared data work finds no payer, so every project buys its own and the common part is never finished.",
        "Who pays for data that five systems need and none can pay for alone?",
    ),
)
