#include "tools/aifactory/application.h"

int main(int argc, char** argv) {
  return aifactory::run_application(argc, argv);
}
