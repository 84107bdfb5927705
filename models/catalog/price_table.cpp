#include "models/catalog/price_table.h"

namespace aifactory {

namespace {

const FieldTable<CapexPrices>& capex_table() {
  static const FieldTable<CapexPrices> table =
      FieldTable<CapexPrices>("capex", 0, "Building, per watt of critical IT unless stated.")
          .quantity("shell", &CapexPrices::shell, "MUSD/MW", "site work, building, fit-out")
          .required()
          .non_negative()
          .quantity("plant", &CapexPrices::plant, "MUSD/MW", "power distribution, cooling, generators")
          .required()
          .non_negative()
          .quantity("interconnection", &CapexPrices::interconnection, "MUSD/MW",
                    "substation and line, per contracted watt")
          .required()
          .non_negative()
          .quantity("land", &CapexPrices::land, "MUSD/MW", "land")
          .required()
          .non_negative()
          .number("ai_premium", &CapexPrices::ai_premium, "density premium on shell and plant")
          .required()
          .fraction()
          .number("integration", &CapexPrices::integration, "delivery, installation and spares over IT hardware")
          .required()
          .fraction()
          .number("contingency", &CapexPrices::contingency, "over facility items")
          .required()
          .fraction();
  return table;
}

const FieldTable<OpexPrices>& opex_table() {
  static const FieldTable<OpexPrices> table =
      FieldTable<OpexPrices>("opex", 0, "Running, a year.")
          .number("it_maintenance", &OpexPrices::it_maintenance, "over IT capex")
          .required()
          .fraction()
          .number("facility_maintenance", &OpexPrices::facility_maintenance, "over facility capex")
          .required()
          .fraction()
          .quantity("staff", &OpexPrices::staff, "USD/kW-year", "operations staff, of critical IT rating")
          .required()
          .non_negative()
          .quantity("water", &OpexPrices::water, "USD/m3", "make-up water")
          .required()
          .non_negative()
          .number("insurance_and_tax", &OpexPrices::insurance_and_tax, "property tax and insurance over capex")
          .required()
          .fraction()
          .quantity("carbon", &OpexPrices::carbon, "USD/t", "paid on direct emissions")
          .required()
          .non_negative();
  return table;
}

const FieldTable<FinanceTerms>& finance_table() {
  static const FieldTable<FinanceTerms> table =
      FieldTable<FinanceTerms>("finance", 0, "What money costs and how long things last.")
          .number("wacc", &FinanceTerms::wacc, "weighted cost of capital, nominal, after tax, a year")
          .required()
          .fraction()
          .number("debt_share", &FinanceTerms::debt_share, "of capex")
          .required()
          .fraction()
          .number("debt_rate", &FinanceTerms::debt_rate, "interest, nominal, a year")
          .required()
          .fraction()
          .quantity("debt_term", &FinanceTerms::debt_term, "years", "until repaid")
          .required()
          .positive()
          .number("tax_rate", &FinanceTerms::tax_rate, "on profit")
          .required()
          .fraction()
          .quantity("it_life", &FinanceTerms::it_life, "years", "economic life of IT")
          .required()
          .positive()
          .quantity("facility_life", &FinanceTerms::facility_life, "years", "economic life of building and plant")
          .required()
          .positive()
          .number("it_residual", &FinanceTerms::it_residual, "of IT capex, at the end of its life")
          .required()
          .fraction();
  return table;
}

const FieldTable<BuildTimes>& build_table() {
  static const FieldTable<BuildTimes> table =
      FieldTable<BuildTimes>("build", 0, "How long building takes.")
          .quantity("permits_and_design", &BuildTimes::permits_and_design, "months", "before ground is broken")
          .required()
          .non_negative()
          .quantity("shell", &BuildTimes::shell, "months", "from permit to a dry hall")
          .required()
          .non_negative()
          .quantity("fit_out", &BuildTimes::fit_out, "months", "power and cooling of the first hall")
          .required()
          .non_negative()
          .quantity("system_delivery", &BuildTimes::system_delivery, "months", "racks from order to dock")
          .required()
          .non_negative()
          .quantity("commissioning", &BuildTimes::commissioning, "months", "burn-in and acceptance of the first racks")
          .required()
          .non_negative()
          .quantity("racks", &BuildTimes::racks, "racks/month", "installed and accepted over the site")
          .required()
          .positive();
  return table;
}

}  // namespace

const FieldTable<TokenPrices>& token_price_table() {
  static const FieldTable<TokenPrices> table =
      FieldTable<TokenPrices>("token_price", 1, "List price of tokens of one model at one provider.")
          .header(&TokenPrices::id, &TokenPrices::name)
          .quantity("input", &TokenPrices::input, "USD/Mtoken", "prompt tokens computed")
          .required()
          .non_negative()
          .quantity("cached", &TokenPrices::cached, "USD/Mtoken", "prompt tokens from a prefix cache")
          .required()
          .non_negative()
          .quantity("output", &TokenPrices::output, "USD/Mtoken", "tokens generated")
          .required()
          .non_negative();
  return table;
}

const FieldTable<PriceBook>& price_table() {
  static const FieldTable<PriceBook> table =
      FieldTable<PriceBook>("price", 1, "A price book: building, running, financing.")
          .header(&PriceBook::id, &PriceBook::name)
          .object("capex", &PriceBook::capex, capex_table(), "building")
          .object("opex", &PriceBook::opex, opex_table(), "running")
          .object("finance", &PriceBook::finance, finance_table(), "money")
          .entry("tokens", "token_prices", &PriceBook::tokens, token_price_table(), "what tokens sell for")
          .required()
          .object("build", &PriceBook::build, build_table(), "time");
  return table;
}

}  // namespace aifactory
