"""Words that tell what a statement about a company is about, in English and Russian. `*`: any ending. Pure."""

from __future__ import annotations

TRIGGERS: dict[str, tuple[str, ...]] = {
    "hiring": (
        "hiring", "we are looking for", "open position*", "open role*", "vacanc*", "join our team", "recruiting", "new hires",
        "вакансии", "вакансия", "ищем", "набираем", "набор сотрудников", "открыта позиция", "приглашаем на работу", "требуются",
    ),
    "funding": (
        "raised", "funding round", "series a", "series b", "series c", "seed round", "investment round", "investors", "ipo",
        "привлек* инвестиции", "привлекла инвестиции", "привлек инвестиции", "привлёк инвестиции", "раунд инвестиций", "инвестор*",
    ),
    "expansion": (
        "expanding", "expansion", "new office", "opened an office", "opens a new", "opened a new", "new warehouse", "new plant",
        "entered the market", "новый офис", "открыл* офис", "открыли офис", "открыла офис", "расширя*", "новый склад", "новый завод",
        "выход на рынок", "выходим на рынок", "открытие филиала",
    ),
    "launch": (
        "launched", "launches", "launching", "new product", "new version", "introducing", "unveiled", "released",
        "запустил*", "запускаем", "новый продукт", "представил*", "новая версия", "вывели на рынок",
    ),
    "change": (
        "acquired", "acquisition", "merger", "merged with", "appointed", "new ceo", "new cto", "rebrand*", "migrating to",
        "moving to", "приобрел*", "приобрёл", "поглощение", "слияние", "назначен*", "новый директор", "ребрендинг", "переходим на",
    ),
    "partnership": ("partnership", "partnered with", "signed a contract", "партнёрство", "партнерство", "подписал* договор", "подписали соглашение"),
}  # fmt: skip
PAINS: tuple[str, ...] = (
    "manual", "manually", "by hand", "spreadsheets", "struggl*", "challenge*", "shortage", "lack of", "slow", "backlog", "outdated",
    "legacy", "costly", "too expensive", "time-consuming", "error-prone", "bottleneck*", "overload*", "delays", "downtime",
    "вручную", "в таблицах", "в excel", "не хватает", "нехватка", "дефицит", "сложност*", "трудност*", "устаревш*", "медленн*",
    "дорого", "простои", "простой оборудования", "задержк*", "перегру*", "узкое место", "рутин*", "ошибки из-за",
)  # fmt: skip
SUMMARY: tuple[str, ...] = (
    "is a", "is an", "we are a", "we are an", "we build", "we make", "we help", "we provide", "we develop", "we offer", "provides",
    "develops", "specialises in", "specializes in", "founded in", "our company", "our mission", "headquartered", "supplier of",
    "manufacturer of", "leading", "компания", "мы разрабатываем", "мы помогаем", "мы создаём", "мы создаем", "мы производим",
    "занимается", "специализиру*", "производит", "разрабатывает", "основана в", "предлагает", "поставщик", "производитель",
    "оказывает услуги", "наша миссия",
)  # fmt: skip
ORDERS: tuple[str, ...] = (
    "ignore all", "ignore previous", "ignore the", "ignore any", "disregard", "system prompt", "instructions", "language model",
    "as an ai", "ai assistant", "you must", "override", "assistant:", "игнорируй*", "забудь*", "инструкц*", "системный промпт",
    "языковая модель", "ты должен", "ассистент*", "нейросеть", "отвечай", "выполни*",
)  # fmt: skip
"""A statement with one of these is not quoted by our own rules. That keeps pages tidy and is no defence: texts are contained."""
