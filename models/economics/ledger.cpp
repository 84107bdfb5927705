#include "models/economics/ledger.h"

#include <algorithm>
#include <stdexcept>

namespace aifactory {

void Ledger::post(int year, Account debit, Account credit, Usd amount, std::string_view what) {
  if (!isfinite(amount) || amount.value() < 0.0 || debit == credit || year < 0) {
    throw std::invalid_argument("ledger: a posting needs a year, two accounts and an amount that is not negative");
  }
  postings_.push_back({year, debit, credit, amount, what});
}

std::vector<YearBooks> Ledger::years() const {
  int last = -1;
  for (const Posting& posting : postings_) {
    last = std::max(last, posting.year);
  }
  std::vector<YearBooks> books(static_cast<std::size_t>(last + 1));
  for (const Posting& posting : postings_) {
    auto& flow = books[static_cast<std::size_t>(posting.year)].flow;
    flow[static_cast<std::size_t>(posting.debit)] += posting.amount;
    flow[static_cast<std::size_t>(posting.credit)] -= posting.amount;
  }
  std::array<Usd, kAccountCount> balance{};
  for (std::size_t year = 0; year < books.size(); ++year) {
    books[year].year = static_cast<int>(year);
    for (std::size_t account = 0; account < kAccountCount; ++account) {
      balance[account] += books[year].flow[account];
    }
    books[year].balance = balance;
  }
  return books;
}

Usd Ledger::imbalance() const {
  Usd sum{};
  for (const YearBooks& books : years()) {
    for (const Usd flow : books.flow) {
      sum += flow;
    }
  }
  return sum;
}

}  // namespace aifactory
