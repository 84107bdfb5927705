// price/1, configs/prices: what building, running and money cost. token_price/1, configs/token_prices: what is charged
// for tokens of one model or provider.
#pragma once

#include "models/catalog/field_table.h"
#include "models/economics/prices.h"

namespace aifactory {

const FieldTable<TokenPrices>& token_price_table();
const FieldTable<PriceBook>& price_table();

}  // namespace aifactory
