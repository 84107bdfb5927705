# `cmake --install` puts the binary and the facts it reads where a package would.
include(GNUInstallDirs)
install(TARGETS aifactory RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY configs scenarios DESTINATION ${CMAKE_INSTALL_DATADIR}/aifactory)
